"""How a change set is made and executed: its changes and their values, the change sets of nested stacks, what replaces
a resource."""
