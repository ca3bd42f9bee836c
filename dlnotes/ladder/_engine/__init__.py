"""The engine of the ladder: what trains the rungs; `dlnotes.ladder.running` is the way to it.

`train` does it, `members` holds several networks as one, `descent` takes the steps, `choice` keeps
the best epoch, `committee` counts votes, `batches` cuts images, `streams` draws all random
numbers, `checkpoint` keeps states on disk, and `cluster` sends tasks to the cores of this machine
or to a Dask cluster.
"""
