from typing import Any

from kmagic.graph.load import ops
from kmagic.losses.loss import loss

_BLANK = 0


@loss(
    tags=("sequences", "logits"),
    shapes="[batch labels], [batch steps classes] -> [batch]",
    title="CTC",
    integer_labels=True,
)
def ctc(y_true: Any, y_pred: Any) -> Any:
    """Connectionist temporal classification: labels in order, somewhere within a longer sequence of logits.

    Formula: −ln Σ Π_t softmax(z_t)[a_t], over all paths a that give y once repeats are merged and blanks dropped

    Symbols: y: class numbers from 1, 0 stands for the blank and fills up shorter rows, z: logits, t: step, a: a class
    or the blank for each step

    Shapes: [batch labels], [batch steps classes] -> [batch]

    Example:

    >>> import numpy as np
    >>> round(float(ctc(np.array([[1]]), np.zeros((1, 2, 2)))[0]), 4)
    0.2877

    Source: A. Graves et al., Connectionist Temporal Classification, ICML 2006
    """
    labels = ops.sum(ops.not_equal(y_true, _BLANK), axis=-1)
    steps = ops.full_like(labels, ops.shape(y_pred)[1])
    return ops.ctc_loss(y_true, y_pred, labels, steps, mask_index=_BLANK)
