"""The processor itself: `printer` writes a plan as kernels in LLVM's assembly, `native` makes machine code of them."""

from functools import partial

from kmagic.compiler.emit.emitter import Emitter
from kmagic.compiler.emit.llvm.binding import bind, run
from kmagic.compiler.emit.llvm.printer import emit, is_native
from kmagic.compiler.emit.llvm.tile import tile
from kmagic.compiler.place import place

EMITTER = Emitter("llvm", tile, partial(place, is_one_pass=is_native), emit, bind, run)
