"""Feature-map explorer: paint a convolution kernel and watch every feature map follow the brush."""

__version__ = "0.1.0"
