"""The MNIST ladder of the notes: every experiment as data, trained again and recorded.

`rungs` and `recipes` say what is trained and how, `train` does it, `members` holds several
networks as one. `records` holds what a run leaves behind, `statistics` what several seeds say
together, and `cluster` sends runs to the cores of this machine or to a Dask cluster. The other
modules are parts of these: `descent` takes the steps, `choice` keeps the best epoch, `batches`
cuts images, `streams` draws all random numbers, `checkpoint` keeps the state on disk.
"""
