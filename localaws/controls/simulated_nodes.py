"""Simulated nodes: no instance boots here, so the instances of an Auto Scaling group signal by themselves, and their
events say so.

As cfn-signal at the end of an instance's user data would; each takes `node_ms` after the group was made or changed.
Setting simulated_nodes=0 leaves the signals to whoever calls SignalResource.
"""
import contextvars
import threading
import time

from ministack.services.cloudformation import wait_conditions

from . import settings

LABEL = "(simulated node)"


def boot(stack_id, logical_id, instances):
    """Sends the instances' signals from a thread, which gets a copy of the context variables: ministack keeps account
    and region there."""
    def signal():
        time.sleep(settings.values["node_ms"] / 1000)
        for instance in instances:
            wait_conditions.signal_resource(stack_id, logical_id, f"{instance} {LABEL}", "SUCCESS")
    if settings.values["simulated_nodes"]:
        threading.Thread(target=contextvars.copy_context().run, args=(signal,), daemon=True).start()
