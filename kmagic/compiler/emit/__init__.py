"""Emitters: a plan becomes code for one kind of device. Each is a folder or file of its own; none knows another."""
