"""Micro-hubs: a small port with two ways to speak to one, the desk that places orders there, and what it all costs."""
