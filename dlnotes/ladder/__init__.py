"""The MNIST ladder of the notes: every experiment as data, trained again and recorded.

`rungs` and `recipes` say what is trained and how, and `running` trains it. `records` holds what a
run leaves behind, its figures and its answers; `statistics` says what several runs say together,
and `table` puts them beside the notes' figures.
"""
