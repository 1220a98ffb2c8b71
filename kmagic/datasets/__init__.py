"""Small data sets that need no download.

Each is a function that gives `(x_train, y_train), (x_test, y_test)` as NumPy arrays; a fifth of every class is the test
part, and the split never changes. `digits` and `breast_cancer` are real and travel with the package; `avengers` is
generated.

Chosen: compressed NumPy files in the package instead of scikit-learn as a dependency, because they take 120 KiB and it
takes 100 MiB with what it needs.
"""

from kmagic.base.excluded import attributes as _attributes
from kmagic.datasets.carried import breast_cancer, digits
from kmagic.datasets.excluded import EXCLUDED as _EXCLUDED
from kmagic.datasets.generated import avengers
from kmagic.datasets.split import Split

__all__ = ["Split", "avengers", "breast_cancer", "digits"]

__getattr__ = _attributes(__name__, _EXCLUDED, __all__)
