"""Answer the gradient nodes of a graph.

Promise: before, a graph with gradient nodes; after, none, and every node still computes what it did.
Method: 1. find the nodes on a path from the sources to the loss; 2. walk them backwards, adding up what each user
sends, by the rule of each row; 3. undo broadcasting. Inner gradients first, so that gradients of gradients are
ordinary.
Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition, 2008, section 3.2 (reverse mode).
"""

from __future__ import annotations

from kmagic.graph.node import Graph
from kmagic.graph.ops.gradient import expand


def differentiate(graph: Graph) -> Graph:
    """The same program with gradients written out."""
    return graph.with_roots(expand(graph.roots))
