"""The few strokes that the scenes are made of: washes, discs, balls, glows and shadows, all soft."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from nproxy_sandbox.drawing.palette import Colour, Palette

Size = tuple[int, int]
Point = tuple[float, float]

# Shapes are drawn this much larger and reduced, because Pillow's own edges are jagged.
OVERSAMPLING = 2
# Pillow's radial gradient is 0 in the middle, this much at the middle of each edge, and 255 in the corners.
GRADIENT_EDGE = 181


def wash(size: Size, top: Colour, bottom: Colour) -> Image.Image:
    """A smooth vertical gradient."""
    column = Image.linear_gradient("L").crop((0, 0, 1, 256))
    return ImageOps.colorize(column, top, bottom).resize(size, Image.Resampling.BICUBIC)


def polygon_mask(size: Size, points: list[Point]) -> Image.Image:
    """White inside the polygon, black outside, grey on the edge."""
    mask, draw = _large(size)
    draw.polygon([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], fill=255)
    return mask.reduce(OVERSAMPLING)


def ellipse_mask(size: Size) -> Image.Image:
    """The ellipse that fills `size`."""
    mask, draw = _large(size)
    draw.ellipse((0, 0, mask.width - 1, mask.height - 1), fill=255)
    return mask.reduce(OVERSAMPLING)


def rounded_mask(size: Size, radius: float) -> Image.Image:
    """A rectangle that fills `size`, its corners rounded by `radius` pixels."""
    mask, draw = _large(size)
    draw.rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius * OVERSAMPLING, fill=255)
    return mask.reduce(OVERSAMPLING)


def _large(size: Size) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    mask = Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING))
    return mask, ImageDraw.Draw(mask)


@dataclass
class Easel:
    """A canvas with its colours and the hand that chooses. All is measured by `unit`, the short side."""

    canvas: Image.Image
    palette: Palette
    hand: Random

    @property
    def width(self) -> int:
        """Of the canvas, in pixels."""
        return self.canvas.width

    @property
    def height(self) -> int:
        """Of the canvas, in pixels."""
        return self.canvas.height

    @property
    def unit(self) -> int:
        """The short side, in pixels."""
        return min(self.canvas.size)

    def wash(self, top: Colour, bottom: Colour, start: int = 0) -> None:
        """Fill the canvas from row `start` down."""
        self.canvas.paste(wash((self.width, self.height - start), top, bottom), (0, start))

    def disc(self, centre: Point, radius: float, top: Colour, bottom: Colour, share: float = 1.0) -> None:
        """A flat disc with a gradient in it, `share` (0 to 1) opaque."""
        size = _square(radius)
        mask = ellipse_mask(size).point([round(value * share) for value in range(256)])
        self.canvas.paste(wash(size, top, bottom), _corner(centre, size), mask)

    def ball(self, centre: Point, radius: float, light: Colour, colour: Colour, dark: Colour) -> None:
        """A ball lit from the upper left."""
        size = _square(radius)
        # The gradient's centre is the highlight: the window is shifted to bring it to the left and up.
        shading = Image.radial_gradient("L").crop((66, 76, 238, 248)).resize(size, Image.Resampling.BICUBIC)
        ball = ImageOps.colorize(shading, light, dark, mid=colour, midpoint=112)
        self.canvas.paste(ball, _corner(centre, size), ellipse_mask(size))

    def glow(self, centre: Point, radius: float, colour: Colour, share: float) -> None:
        """Light that fades to nothing at `radius`."""
        size = _square(radius)
        fading = [round(255 * share * max(0.0, 1 - value / GRADIENT_EDGE) ** 2) for value in range(256)]
        mask = Image.radial_gradient("L").point(fading).resize(size, Image.Resampling.BICUBIC)
        self.canvas.paste(colour, _box(centre, size), mask)

    def shadow(self, centre: Point, wide: float, tall: float, share: float) -> None:
        """A soft elliptic shadow in the palette's ink."""
        small = Image.new("L", (96, 96))
        ImageDraw.Draw(small).ellipse((20, 20, 76, 76), fill=round(255 * share))
        # The ellipse fills 56 of the 96 pixels; the rest is room for the blur.
        size = (max(2, round(wide * 96 / 56)), max(2, round(tall * 96 / 56)))
        mask = small.filter(ImageFilter.GaussianBlur(8)).resize(size, Image.Resampling.BILINEAR)
        self.canvas.paste(self.palette.ink, _box(centre, size), mask)

    def slab(self, corner: Point, size: Size, radius: float, top: Colour, bottom: Colour) -> None:
        """A rounded rectangle with a gradient in it; `corner` is its upper left."""
        place = (round(corner[0]), round(corner[1]))
        self.canvas.paste(wash(size, top, bottom), place, rounded_mask(size, radius))


def _square(radius: float) -> Size:
    side = max(2, round(radius * 2))
    return side, side


def _corner(centre: Point, size: Size) -> tuple[int, int]:
    return round(centre[0] - size[0] / 2), round(centre[1] - size[1] / 2)


def _box(centre: Point, size: Size) -> tuple[int, int, int, int]:
    left, top = _corner(centre, size)
    return left, top, left + size[0], top + size[1]
