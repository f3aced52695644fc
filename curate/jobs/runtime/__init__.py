"""How jobs run: the dispatcher, Dask's workers, job processes and the pre-warmed training process.

The server starts `dispatcher_supervisor`; the rest runs in processes of its own.
"""
