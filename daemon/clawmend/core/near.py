"""Whether two words are one slip of the finger apart."""


def one_edit_apart(first: str, second: str) -> bool:
    """Tell whether one insertion, deletion, replacement or swap of neighbours turns one text into the other.

    Equal texts are not. Looks at every character once.
    """
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    left, right = first[start:], second[start:]
    if len(left) != len(right):
        return left[1:] == right or left == right[1:]
    return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
