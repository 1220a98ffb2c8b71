"""Layered layouts: boxes below what they need, apart from each other, with lines around them."""

import random
from itertools import combinations, pairwise

import pytest

from kmagic.base.layout import Layout, layered, levels

SIZE = (40.0, 20.0)


def graph(seed: int, count: int = 14) -> list[tuple[int, ...]]:
    """Boxes that need up to three of those before."""
    draw = random.Random(seed)
    return [tuple(draw.sample(range(n), min(n, draw.randint(0, 3)))) for n in range(count)]


def sizes(seed: int, count: int = 14) -> list[tuple[float, float]]:
    draw = random.Random(seed)
    return [(draw.uniform(10, 90), draw.uniform(10, 60)) for _ in range(count)]


def overlap(layout: Layout, boxes: list[tuple[float, float]]) -> list[tuple[int, int]]:
    found = []
    for a, b in combinations(range(len(boxes)), 2):
        (ax, ay), (bx, by) = layout.corners[a], layout.corners[b]
        apart = ax + boxes[a][0] <= bx + 1e-6 or bx + boxes[b][0] <= ax + 1e-6
        if not apart and ay < by + boxes[b][1] and by < ay + boxes[a][1]:
            found.append((a, b))
    return found


@pytest.mark.parametrize("widest", [None, 3])
@pytest.mark.parametrize("seed", range(8))
def test_boxes_lie_below_what_they_need_and_apart(seed: int, widest: int | None) -> None:
    needs, boxes = graph(seed), sizes(seed)
    layout = layered(boxes, needs, (8.0, 12.0), widest)
    assert overlap(layout, boxes) == []
    for number, own in enumerate(needs):
        for need in own:
            assert layout.corners[number][1] >= layout.corners[need][1] + boxes[need][1] + 12.0 - 1e-6
    assert min(x for x, _ in layout.corners) >= -1e-6 and min(y for _, y in layout.corners) == 0
    assert max(x + w for (x, _), (w, _) in zip(layout.corners, boxes, strict=True)) <= layout.width + 1e-6
    assert max(y + h for (_, y), (_, h) in zip(layout.corners, boxes, strict=True)) <= layout.height + 1e-6


@pytest.mark.parametrize("seed", range(8))
def test_lines_join_their_boxes_and_pass_between_the_others(seed: int) -> None:
    needs, boxes = graph(seed), sizes(seed)
    layout = layered(boxes, needs, (8.0, 12.0))
    assert set(layout.lines) == {(need, number) for number, own in enumerate(needs) for need in own}
    for (source, target), points in layout.lines.items():
        (x, y), (w, h) = layout.corners[source], boxes[source]
        assert points[0] == pytest.approx((x + w / 2, y + h))
        assert points[-1] == pytest.approx(
            (layout.corners[target][0] + boxes[target][0] / 2, layout.corners[target][1])
        )
        assert all(upper[1] <= lower[1] + 1e-6 for upper, lower in pairwise(points))
        for px, py in points[1:-1]:
            inside = [
                number
                for number, ((bx, by), (bw, bh)) in enumerate(zip(layout.corners, boxes, strict=True))
                if bx < px < bx + bw and by < py < by + bh
            ]
            assert inside == []


def test_a_chain_is_straight() -> None:
    layout = layered([SIZE] * 5, [(), (0,), (1,), (2,), (3,)], (10.0, 10.0))
    assert layout.corners == [(0.0, 30.0 * number) for number in range(5)]
    assert (layout.width, layout.height) == (40.0, 140.0)


def test_orders_have_few_crossings() -> None:
    # each of four needs one of four, the other way round
    needs = [(), (), (), (), (3,), (2,), (1,), (0,)]
    layout = layered([SIZE] * 8, needs, (10.0, 10.0))
    for number, (need,) in enumerate(needs[4:], start=4):
        assert layout.corners[number][0] == pytest.approx(layout.corners[need][0])


def test_long_lines_pass_beside_the_boxes_that_they_skip() -> None:
    layout = layered([SIZE] * 3, [(), (0,), (0, 1)], (10.0, 10.0))
    first, *between, last = layout.lines[0, 2]
    assert len(between) == 2 and between[0][0] == between[1][0] > layout.corners[1][0] + SIZE[0]
    assert first[0] == pytest.approx(last[0])


def test_rows_of_a_few() -> None:
    layout = layered([SIZE] * 5, [()] * 5, (10.0, 10.0), widest=2)
    assert layout.corners == [(0.0, 0.0), (50.0, 0.0), (0.0, 30.0), (50.0, 30.0), (0.0, 60.0)]
    assert (layout.width, layout.height) == (90.0, 80.0)


def test_nothing_to_lay_out() -> None:
    assert layered([], []) == Layout([]) and levels([]) == []
