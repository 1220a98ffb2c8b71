"""Floor 2: a graph becomes one program.

Read `pipeline` first: each line of its one function is a stage, and each stage is a file named after its verb. Stages
take a stage's result and return a new one; nothing is changed in place. Emitters live in `emit/`, one for each kind
of device.
"""
