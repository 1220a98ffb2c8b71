"""NumPy as a device: `printer` writes a plan as Python text, `binding` ties the text to memory."""

from kmagic.compiler.cost import largest_product
from kmagic.compiler.emit.emitter import Emitter
from kmagic.compiler.emit.numpy.binding import Binding, Step
from kmagic.compiler.emit.numpy.printer import emit
from kmagic.compiler.emit.numpy.text import Text
from kmagic.compiler.emit.numpy.threads import WORTH_A_THREAD, on_one_thread
from kmagic.compiler.place import place


def bind(text: Text, binding: Binding) -> Step:
    """The printed step on a binding's arrays, with more than one thread only where a product is worth it."""
    step = binding.step(text)
    worth = largest_product(binding.plan.schedule.graph, binding.sizes) >= WORTH_A_THREAD
    return step if worth else on_one_thread(step)


EMITTER = Emitter("numpy", lambda graph: graph, place, emit, bind)
