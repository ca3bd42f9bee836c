"""The rules of the house: who imports whom, how long a file may be, what no file may contain."""

import ast
import doctest
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass

import pytest
import yaml

import dlnotes
from benchmarks.size import code_lines
from dlnotes import _extras

MAX_FILE, MAX_FUNCTION = 300, 40


@dataclass(frozen=True)
class Part:
    """What a part of dlnotes may import: other parts, packages on loading, packages inside."""

    parts: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


NUMPY = ("numpy",)
RULES = {
    "_extras": Part(),
    "_arguments": Part(),
    "_files": Part(),
    "shapes": Part(),
    "specs": Part(),
    "counting": Part(("shapes", "specs"), (), ("rich", "torch")),
    "functional": Part(("shapes",), NUMPY),
    "reference": Part(("shapes",), NUMPY),
    "autodiff": Part((), NUMPY),
    "initializers": Part((), NUMPY),
    "optim": Part((), NUMPY),
    "check": Part((), NUMPY, ("torch", "yaml")),
    "layers": Part(("functional", "initializers", "shapes"), NUMPY),
    "networks": Part(("specs", "counting", "layers", "functional", "optim", "shapes"), NUMPY),
    "torch_models": Part(("specs", "counting"), ("torch",)),
    "weights": Part((), NUMPY),
    "data": Part((), NUMPY, ("pooch", "requests", "filelock", "sklearn")),
    "ladder": Part(
        ("specs", "torch_models", "data", "counting"),
        ("numpy", "torch"),
        ("filelock", "scipy", "joblib", "dask", "distributed"),
    ),
    # specs: architectures are drawn from their parts, which a layer table no longer shows
    # functional: the still of a figure that computes in the page shows what the page computes
    "plotting": Part(
        ("shapes", "specs", "counting", "functional"),
        ("numpy", "matplotlib", "PIL"),
        ("IPython",),
    ),
    "cli": Part(
        ("shapes", "specs", "counting", "data", "ladder", "plotting"),
        ("typer",),
        ("rich", "torch", "matplotlib"),
    ),
}
"""The whole rule; a new part of dlnotes gets its line here."""
OPEN = ("_extras", "_arguments", "_files")
"""Parts that every part may import, for they import none."""


def modules(root):
    found = sorted((root / "dlnotes").rglob("*.py"))
    return [path for path in found if path != root / "dlnotes" / "__init__.py"]


def part_of(path, root):
    return path.relative_to(root / "dlnotes").parts[0].removesuffix(".py")


def imported(node):
    """Names that an import statement loads, with the parts of dlnotes spelled out."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    assert node.level == 0, "relative import; write the whole name"
    if node.module == "dlnotes":
        return [f"dlnotes.{alias.name}" for alias in node.names]
    return [node.module]


def walk_imports(tree, inside=False):
    """Yield (name, whether it is imported inside a function or for types alone)."""
    for node in ast.iter_child_nodes(tree):
        for name in imported(node):
            yield name, inside
        hidden = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        )
        yield from walk_imports(node, inside or hidden)


def breaks_rule(part, name, inside):
    """Say whether `part` may not import `name`."""
    rule, top = RULES[part], name.partition(".")[0]
    if top == "dlnotes":
        other = name.split(".")[1] if "." in name else ""
        return other not in (part, *OPEN, *rule.parts)
    if top in sys.stdlib_module_names:
        return False
    return top not in (rule.loads + rule.inside if inside else rule.loads)


def test_parts_import_only_what_the_rule_allows(root):
    unknown = {part_of(path, root) for path in modules(root)} - set(RULES)
    assert not unknown, f"new parts without a line in RULES: {unknown}"
    broken = [
        f"{path.relative_to(root)} imports {name}"
        for path in modules(root)
        for name, inside in walk_imports(ast.parse(path.read_text(encoding="utf-8")))
        if breaks_rule(part_of(path, root), name, inside)
    ]
    assert not broken, broken


def test_the_rule_has_no_way_back():
    def reaches(part):
        return {part}.union(*(reaches(other) for other in RULES[part].parts))

    for part, rule in RULES.items():
        assert not any(part in reaches(other) for other in rule.parts), part
    assert all(RULES[part] == Part() for part in ("shapes", "specs", *OPEN))


def file_imports(root):
    """For each module of dlnotes the modules of dlnotes that it imports, anywhere in it."""
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in modules(root)
    }
    found = {}
    for name, path in files.items():
        tree, wanted = ast.parse(path.read_text(encoding="utf-8")), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                below = {f"{node.module}.{alias.name}" for alias in node.names}
                wanted |= (below & set(files)) or {node.module}
        found[name] = (wanted & set(files)) - {name}
    return found


def circles(graph):
    """The groups of nodes from each of which the way leads back to it."""

    def reached(start):
        seen, left = set(), [start]
        while left:
            new = graph[left.pop()] - seen
            seen |= new
            left += new
        return seen

    behind = {name: reached(name) for name in graph}
    loops = {name for name in graph if name in behind[name]}
    return {frozenset(o for o in loops if o in behind[n] and n in behind[o]) for n in loops}


def test_no_circle_between_files(root):
    assert circles(file_imports(root)) == set()


def test_a_circle_is_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}
    assert circles(graph) == {frozenset("bc")}


@pytest.mark.parametrize(
    ("part", "name", "inside", "broken"),
    [
        ("shapes", "numpy", False, True),
        ("shapes", "dlnotes.functional.conv", False, True),
        ("functional", "dlnotes.shapes", False, False),
        ("check", "torch", False, True),
        ("check", "torch", True, False),
        ("functional", "dlnotes.plotting", True, True),
    ],
)
def test_the_checker_sees_a_broken_rule(part, name, inside, broken):
    assert breaks_rule(part, name, inside) is broken


def test_the_checker_finds_imports_wherever_they_stand():
    tree = ast.parse("import a.b\ntry:\n import c\nfinally: 0\ndef f():\n  from dlnotes import d")
    assert list(walk_imports(tree)) == [("a.b", False), ("c", False), ("dlnotes.d", True)]


def in_fresh_python(code):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("part", "first"),
    [
        ("", "sys"),
        (".shapes", "sys"),
        (".functional", "numpy.random"),
        (".reference", "numpy.random"),
        (".check", "numpy.random"),
    ],
)
def test_the_core_loads_numpy_alone(part, first):
    code = f"import sys, {first}; before = set(sys.modules); import dlnotes{part}; " + (
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    )
    done = in_fresh_python(code)
    assert done.returncode == 0, done.stderr
    allowed = {"dlnotes"} | ({"numpy"} if first == "numpy.random" else set())
    assert set(done.stdout.split()) - sys.stdlib_module_names <= allowed


def test_parts_load_when_they_are_named():
    code = "import sys, dlnotes; print(*(m for m in sys.modules if m.startswith('dlnotes.')))"
    assert in_fresh_python(code).stdout.split() == []
    code = "import dlnotes; print(dlnotes.shapes.__name__, 'check' in dir(dlnotes))"
    assert in_fresh_python(code).stdout.split() == ["dlnotes.shapes", "True"]
    done = in_fresh_python("import dlnotes; dlnotes.shappes")
    assert "dlnotes has no part called 'shappes'; its parts are " in done.stderr.splitlines()[-1]


def test_a_missing_extra_is_named_in_one_line():
    code = "import sys; sys.modules['matplotlib'] = None; import dlnotes.plotting"
    last = in_fresh_python(code).stderr.splitlines()[-1]
    wanted = "dlnotes.plotting needs matplotlib, which is not installed; "
    assert last == f'ImportError: {wanted}pip install "dlnotes[plot]"'


def test_require_passes_on_an_error_that_is_not_a_missing_extra(tmp_path, monkeypatch):
    (tmp_path / "half_there.py").write_text("import surely_not_installed")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="surely_not_installed"):
        _extras.require("half_there", extra="plot", feature="this test")
    with pytest.raises(ImportError, match=r'this test needs surely_not, .*"dlnotes\[plot\]"'):
        _extras.require("surely_not.there", extra="plot", feature="this test")


def required_extras(path):
    """The (module, extra) pairs that a module of dlnotes asks `require` for."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("require", "_extras.require"):
            extra = next(word.value for word in node.keywords if word.arg == "extra")
            yield ast.literal_eval(node.args[0]).partition(".")[0], ast.literal_eval(extra)


def test_every_required_extra_brings_its_module(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {
        "torch", "plot", "data", "ladder", "cluster", "cli", "book", "test", "dev",
    }  # fmt: skip
    distribution = {"yaml": "pyyaml", "sklearn": "scikit-learn"}
    asked = {pair for path in modules(root) for pair in required_extras(path)}
    assert ("matplotlib", "plot") in asked
    for module, extra in asked:
        names = {re.split(r"[^\w-]", line)[0] for line in extras[extra]}
        assert distribution.get(module, module) in names, f"extra {extra} lacks {module}"


def test_files_and_functions_are_short(project_files, root):
    long = []
    for path in project_files:
        if path.suffix == ".py":
            lines, functions = code_lines(path)
            name = path.relative_to(root)
            long += [f"{name}: {lines} lines"] * (lines > MAX_FILE)
            long += [f"{name} {f}: {n}" for f, n in functions.items() if n > MAX_FUNCTION]
    assert not long, f"docstrings and blank lines not counted: {long}"


def test_the_length_of_a_function_is_counted_as_the_rule_says(tmp_path):
    source = (
        '"""Doc."""\n\nx = 1\n\n\ndef f(\n    a,\n    b,\n):\n    """Doc.\n\n    More.\n    """\n'
    )
    path = tmp_path / "example.py"
    path.write_text(source + "    # why\n\n    return [\n        a,\n    ]\n")
    assert code_lines(path) == (9, {"f (line 6)": 5})


HOSTS = r"pypi\.org|pythonhosted\.org|npmjs|deb\.debian\.org|download\.pytorch|conda\.anaconda\.org"
FOREIGN = re.compile(rf"(?<![\w.])/(?:work|root|home|Users)/|\b[A-Z]:\\\\Users|{HOSTS}")


def test_no_file_names_a_machine_or_a_registry(project_files, root):
    named = []
    for path in project_files:
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if path.name != "test_house.py" and (found := FOREIGN.search(text)):
            named.append(f"{path.relative_to(root)}: {found[0]}")
    assert not named, named


@pytest.mark.parametrize("text", ['"/root/x"', "at /home/me/x", "https://pypi.org/simple"])
def test_a_machine_or_a_registry_is_recognised(text):
    assert FOREIGN.search(text)
    assert not FOREIGN.search("chapters/work/x and https://example.org/home/x")


def test_the_readme_says_how_far_the_book_is(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    planned = (root / "book" / "chapters.yml").read_text(encoding="utf-8").count("- file: ")
    written = len(list((root / "chapters").glob("*/*.ipynb")))
    assert written == planned, "book/chapters.yml names each notebook of chapters/"
    line = f"All {planned} chapters are written"
    assert line in text, f"README.md does not say: {line}"


def test_the_citation_is_of_this_version(root):
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"title", "authors", "license", "message"} <= set(cited)
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == dlnotes.__version__


@pytest.mark.parametrize(("page", "least"), [("README.md", 5), ("book/api.md", 20)])
def test_the_examples_of_a_page_hold(root, page, least):
    text = (root / page).read_text(encoding="utf-8")
    examples = "\n".join(re.findall(r"^```py(?:thon|con)\n(.+?)^```", text, re.M | re.S))
    test = doctest.DocTestParser().get_doctest(examples, {}, page, page, 0)
    assert len(test.examples) >= least
    assert doctest.DocTestRunner().run(test).failed == 0
