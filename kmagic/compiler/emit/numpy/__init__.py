"""NumPy as a device: `printer` writes a plan as Python text, `binding` ties the text to memory."""

from kmagic.compiler.emit.emitter import Emitter
from kmagic.compiler.emit.numpy.binding import Binding, Step
from kmagic.compiler.emit.numpy.printer import emit
from kmagic.compiler.emit.numpy.text import Text
from kmagic.compiler.emit.threads import threads_for
from kmagic.compiler.place import place


def bind(text: Text, binding: Binding) -> Step:
    """The printed step on a binding's arrays."""
    step, threads = binding.step(text), threads_for(binding.plan.schedule.graph, binding.sizes)

    def run() -> int:
        with threads:
            return step()

    return run


EMITTER = Emitter("numpy", lambda graph: graph, place, emit, bind)
