"""The demand model that came with the program: what speaks until a cloud has published a better one."""

from edge_agent.places import model_file

__all__ = ["model_file"]
