"""The MNIST ladder of the notes: every experiment as data, trained again and recorded.

`rungs` and `recipes` say what is trained and how, `train` does it, `running` and `cluster` do many
at once, `records` keeps what they came to, and `statistics` and `table` say what it means.
"""
