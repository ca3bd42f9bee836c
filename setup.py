"""What pyproject.toml cannot say: the folder book is a part of the package called _book.

Which of its files travel stands there: what a chapter reads, the records of its experiments and
the numbers of its concepts, so that a downloaded notebook runs wherever dlnotes is installed.
"""

from setuptools import find_namespace_packages, find_packages, setup

records = [
    f"dlnotes._book.{name}" for name in find_namespace_packages("book", include=["results*"])
]
setup(
    packages=[*find_packages(include=["dlnotes*"]), "dlnotes._book", *records],
    package_dir={"dlnotes._book": "book"},
)
