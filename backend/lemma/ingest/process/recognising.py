"""The recognising child: raw pixels in, words with boxes and confidence out.

RapidOCR's engine (PP-OCR, models inside its wheel) finds text boxes and reads them. Around it stands
what its own pipeline lacks: the page is turned upright by its text; detection works on a page of one
size and reading on the full picture; a narrow single digit is not laid on its side; word boxes follow
the slope of their line.
"""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import rapidocr
from numpy.typing import NDArray
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_rec.typings import TextRecInput

from lemma.ingest.drafts import Draft
from lemma.ingest.lines import PlacedWord, make_lines
from lemma.ingest.process.wire import pack_draft
from lemma.reading.source import Box

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]
"""Four corners from the top left, clockwise, in pixels: shape (4, 2)."""

_DETECT_AREA = 1_250_000
"""Pixels of the picture that detection sees: an A4 page at about 110 dpi. More finds little, and takes
time in proportion."""

_MODELS = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")
_LEAST_SCORE = 0.5
_THREADS = max(1, min(4, (os.cpu_count() or 2)))


@dataclass(frozen=True, slots=True)
class _Engine:
    detect: Any
    recognise: Any
    classify: Any


@cache
def _engine() -> _Engine:
    engine: Any = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.limit_type": "max",  # The picture is scaled here, so the engine's own scaling is off.
            "Det.limit_side_len": 100_000,
        }
    )
    loaded = _Engine(engine._load_det_model(), engine._load_rec_model(), engine._load_cls_model())
    # RapidOCR offers no setting for threads that sleep while they wait. Spinning ones take a quarter more
    # processor time, from the very machine that runs the model.
    for part, model in zip((loaded.detect, loaded.recognise), _MODELS, strict=True):
        part.session.session = _sleeping_session(model)
    return loaded


def _sleeping_session(model: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # Lines of every width would each leave their buffers in it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    path = Path(rapidocr.__file__).parent / "models" / model
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def answer(request: dict[str, Any], data: bytes) -> Iterator[bytes]:
    """The page of a request `{width, height, points: [w, h]}` whose data are its RGB pixels."""
    picture = np.frombuffer(data, np.uint8).reshape(request["height"], request["width"], 3)
    yield pack_draft(recognise(picture, request["points"][0], request["points"][1]))


def recognise(picture: Image, width: float, height: float) -> Draft:
    """The page in a picture (RGB), which is `width` by `height` points as it is handed over.

    `rotation` of the draft is the clockwise turn that makes the text upright; its boxes and size are
    those of the turned page.
    """
    engine = _engine()
    picture = np.ascontiguousarray(picture[:, :, ::-1])  # The models were trained on BGR.
    quads = _detect(engine, picture)
    turn = 0
    if quads and _lies_on_its_side(quads):
        picture, turn = _turned(picture), 90
        quads = _detect(engine, picture)
    if quads and _stands_on_its_head(engine, picture, quads):
        picture, turn = _turned(_turned(picture)), turn + 180
        quads = _detect(engine, picture)
    size = (height, width) if turn % 180 else (width, height)
    words = _read(engine, picture, quads)
    slope = _slope(quads) * (picture.shape[1] / size[0]) / (picture.shape[0] / size[1])
    lines = make_lines(words, page=1, first_id=1, width=size[0], height=size[1], skew=slope)
    return Draft("ocr", tuple(lines), size[0], size[1], rotation=turn)


def _turned(picture: Image) -> Image:
    """A clockwise quarter turn."""
    return np.ascontiguousarray(np.rot90(picture, -1))


def _detect(engine: _Engine, picture: Image) -> list[Quad]:
    height, width = picture.shape[:2]
    scale = min(1.5, math.sqrt(_DETECT_AREA / (height * width)))
    size = (max(32, round(width * scale)), max(32, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    found = engine.detect(cv2.resize(picture, size, interpolation=how))
    if found.boxes is None:
        return []
    factor = np.array([width / size[0], height / size[1]], np.float32)
    return [np.asarray(quad, np.float32) * factor for quad in found.boxes]


def _sides(quad: Quad) -> tuple[float, float]:
    """Width and height of a quad."""
    across = (np.linalg.norm(quad[0] - quad[1]) + np.linalg.norm(quad[3] - quad[2])) / 2
    down = (np.linalg.norm(quad[0] - quad[3]) + np.linalg.norm(quad[1] - quad[2])) / 2
    return float(across), float(down)


def _lies_on_its_side(quads: Sequence[Quad]) -> bool:
    across = down = 0.0
    for quad in quads:
        width, height = _sides(quad)
        if max(width, height) > 2.5 * min(width, height):
            across += width if width > height else 0.0
            down += height if height > width else 0.0
    return down > 1.5 * across


def _stands_on_its_head(engine: _Engine, picture: Image, quads: Sequence[Quad]) -> bool:
    """By the engine's classifier, asked about the longest lines."""
    longest = sorted(quads, key=lambda q: -_sides(q)[0])[:11]
    crops = [_crop(picture, quad, tall=False) for quad in longest]
    answers = engine.classify([c for c in crops if c.size]).cls_res
    turned = sum(score for label, score in answers if "180" in label)
    return bool(turned > 0.65 * sum(score for _, score in answers))


def _slope(quads: Sequence[Quad]) -> float:
    """How far lines sink for each pixel to the right, by the longer ones."""
    slopes = []
    for quad in quads:
        width, height = _sides(quad)
        if width > 4 * height:
            run = quad[1] - quad[0] + quad[2] - quad[3]
            slopes.append(float(run[1] / run[0]) if run[0] else 0.0)
    slope = float(np.median(slopes)) if len(slopes) >= 3 else 0.0
    return slope if 0.002 < abs(slope) < 0.3 else 0.0


def _crop(picture: Image, quad: Quad, *, tall: bool) -> Image:
    """The part of the picture under a quad, straightened; laid on its side where it is a tall line."""
    left, top = np.floor(quad.min(0)).astype(int)
    right, bottom = np.ceil(quad.max(0)).astype(int)
    left, top = max(0, left), max(0, top)
    width, height = _sides(quad)
    if abs(quad[0][1] - quad[1][1]) < 0.06 * height and abs(quad[0][0] - quad[3][0]) < 0.06 * height + 1:
        part = picture[top:bottom, left:right]
    else:
        size = (max(1, round(width)), max(1, round(height)))
        corners = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
        part = cv2.warpPerspective(
            picture,
            cv2.getPerspectiveTransform(quad, corners),
            size,
            borderMode=cv2.BORDER_REPLICATE,
            flags=cv2.INTER_CUBIC,
        ).astype(np.uint8)
    return np.ascontiguousarray(np.rot90(part)) if tall else part


def _read(engine: _Engine, picture: Image, quads: Sequence[Quad]) -> list[PlacedWord]:
    heights = sorted(min(_sides(q)) for q in quads)
    usual = heights[len(heights) // 2] if heights else 0.0
    crops, kept, laid = [], [], []
    for quad in quads:
        width, height = _sides(quad)
        tall = height > 2.5 * width and height > 2.5 * usual
        crop = _crop(picture, quad, tall=tall)
        if crop.shape[0] >= 4 and crop.shape[1] >= 2:
            crops.append(crop)
            kept.append(quad)
            laid.append(tall)
    if not crops:
        return []
    result = engine.recognise(TextRecInput(img=crops, return_word_box=True))
    words: list[PlacedWord] = []
    height, width = picture.shape[:2]
    for i, quad in enumerate(kept):
        if result.scores[i] < _LEAST_SCORE or not result.txts[i].strip():
            continue
        corners = np.roll(quad, -1, axis=0) if laid[i] else quad
        for text, start, end, confidence in _parts(result.txts[i], result.word_results[i]):
            words.append(PlacedWord(text, _box(corners, start, end, width, height), confidence))
    return words


def _parts(text: str, info: Any) -> Iterator[tuple[str, float, float, float]]:
    """Words of a read line: text, where it starts and ends (fractions of the line), confidence.

    The engine gives each letter the column of the network's output in which it was seen.
    """
    sure = [c for letter, c in zip(text, info.confs, strict=False) if not letter.isspace()]
    length = max(info.line_txt_len, 1.0)
    usual = length / max(len(text), 1)
    edges = []
    for columns in info.word_cols:
        pitch = (columns[-1] - columns[0]) / (len(columns) - 1) if len(columns) > 1 else usual
        # Columns are coarse: a word may reach three quarters of a letter beyond its outer letters' middles.
        edges.append([columns[0] + 0.5 - 0.75 * pitch, columns[-1] + 0.5 + 0.75 * pitch])
    for before, after in pairwise(edges):
        if before[1] > after[0] - 0.3 * usual:
            middle = (before[1] + after[0]) / 2
            before[1], after[0] = middle - 0.15 * usual, middle + 0.15 * usual
    at = 0
    for letters, (start, end) in zip(info.words, edges, strict=True):
        confidence = min(sure[at : at + len(letters)], default=0.0)
        at += len(letters)
        first = min(max(start / length, 0.0), 1.0)
        yield "".join(letters), first, min(max(end / length, first), 1.0), float(confidence)


def _box(quad: Quad, start: float, end: float, width: int, height: int) -> Box:
    """The upright box of a part of a line, in fractions of the picture."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    corners = np.array(
        [quad[0] + start * top, quad[0] + end * top, quad[3] + start * bottom, quad[3] + end * bottom]
    )
    corners = np.clip(corners / (width, height), 0.0, 1.0)
    (x0, y0), (x1, y1) = corners.min(0).tolist(), corners.max(0).tolist()
    return Box(x0, y0, x1, y1)
