import os
import sys


def f(x: int) -> str:
    y = 1
    return x + 1


def g(a):
    return undefined_name + a.b


z: str = f("three") + 1
