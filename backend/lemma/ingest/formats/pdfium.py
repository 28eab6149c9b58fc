"""The few PDFium functions that are called once for each character, bound without pypdfium2's wrapping.

pypdfium2's own bindings check and convert every pointer, which costs three times the call. These take
plain addresses, and write boxes straight into an array.
"""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypdfium2 import raw
from pypdfium2_raw import bindings

_library = ctypes.CDLL(bindings._libs["pdfium"]._name)

_unicode = _library.FPDFText_GetUnicode
_unicode.argtypes = [ctypes.c_void_p, ctypes.c_int]
_unicode.restype = ctypes.c_uint

_text = _library.FPDFText_GetText
_text.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
_text.restype = ctypes.c_int

_box = _library.FPDFText_GetLooseCharBox
_box.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
_box.restype = ctypes.c_int

_angle = _library.FPDFText_GetCharAngle
_angle.argtypes = [ctypes.c_void_p, ctypes.c_int]
_angle.restype = ctypes.c_float

_map_error = _library.FPDFText_HasUnicodeMapError
_map_error.argtypes = [ctypes.c_void_p, ctypes.c_int]
_map_error.restype = ctypes.c_int

_object_type = _library.FPDFPageObj_GetType
_object_type.argtypes = [ctypes.c_void_p]
_object_type.restype = ctypes.c_int

_object = _library.FPDFPage_GetObject
_object.argtypes = [ctypes.c_void_p, ctypes.c_int]
_object.restype = ctypes.c_void_p

_bounds = _library.FPDFPageObj_GetBounds
_bounds.argtypes = [ctypes.c_void_p] + [ctypes.c_void_p] * 4
_bounds.restype = ctypes.c_int

_render_mode = _library.FPDFTextObj_GetTextRenderMode
_render_mode.argtypes = [ctypes.c_void_p]
_render_mode.restype = ctypes.c_int

_fill = _library.FPDFPageObj_GetFillColor
_fill.argtypes = [ctypes.c_void_p] + [ctypes.c_void_p] * 4
_fill.restype = ctypes.c_int

_INVISIBLE = 3


def address(handle: Any) -> int:
    """The plain address behind a pypdfium2 raw handle."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


def characters(text_page: int, count: int) -> NDArray[np.uint32]:
    """The code points of a text page; generated spaces and line ends among them.

    PDFium's bulk text leaves some characters out, and gives two units for one beyond the basic plane:
    only where it has as many units as there are characters, none of them half a pair, does it tell which
    is which. Else each is asked for.
    """
    units = np.zeros(count + 1, np.uint16)
    got = _text(text_page, 0, count, units.ctypes.data)
    if got == count + 1 and not np.any((units >= 0xD800) & (units < 0xE000)):
        return units[:count].astype(np.uint32)
    return np.array([_unicode(text_page, i) for i in range(count)], np.uint32)


def boxes(text_page: int, count: int) -> NDArray[np.float32]:
    """Loose boxes (ascent to descent, advance width) as rows of left, top, right, bottom; y points up."""
    values = np.zeros((count, 4), np.float32)
    start = values.ctypes.data
    for i in range(count):
        _box(text_page, i, start + 16 * i)
    return values


def angles(text_page: int, indexes: list[int]) -> list[float]:
    """Angles of characters in radians."""
    return [_angle(text_page, i) for i in indexes]


def map_errors(text_page: int, indexes: list[int]) -> int:
    """How many of these characters have no Unicode value in the file."""
    return sum(_map_error(text_page, i) == 1 for i in indexes)


class Contents:
    """What a page draws, in short: how much of it pictures cover, and whether text may be unseen.

    `pictures` is the sum of the pictures' areas in square points; `paths` counts drawn shapes;
    `suspicious` is set where text is invisible or nearly white.
    """

    def __init__(self, page: int, count: int) -> None:
        self.pictures = 0.0
        self.paths = 0
        self.suspicious = False
        floats = (ctypes.c_float * 4)()
        at = ctypes.addressof(floats)
        colours = (ctypes.c_uint * 4)()
        colour = ctypes.addressof(colours)
        for i in range(count):
            thing = _object(page, i)
            kind = _object_type(thing)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                if self.suspicious:
                    continue
                if _render_mode(thing) == _INVISIBLE:
                    self.suspicious = True
                elif _fill(thing, colour, colour + 4, colour + 8, colour + 12):
                    pale = min(colours[0], colours[1], colours[2]) >= 235
                    self.suspicious = pale or colours[3] < 25
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                if _bounds(thing, at, at + 4, at + 8, at + 12):
                    self.pictures += abs(floats[2] - floats[0]) * abs(floats[3] - floats[1])
            elif kind == raw.FPDF_PAGEOBJ_PATH:
                self.paths += 1
            elif kind == raw.FPDF_PAGEOBJ_FORM and _bounds(thing, at, at + 4, at + 8, at + 12):
                # What a form holds is not looked into: it counts as a picture only where text is missing.
                self.paths += 25
