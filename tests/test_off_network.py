"""Nothing is read from a network unasked, and what is secret in an address is never said."""

from __future__ import annotations

import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from lifecircle.errors import StudyError
from lifecircle.given import Input
from lifecircle.heights import with_heights
from lifecircle.readers.features import _off_network
from lifecircle.readers.layers import read_layer
from lifecircle.readers.safety import shown_url

SECRETS = ("keeper", "secret", "token", "12345")


class Server:
    """Counts who calls at a port of this machine, and tells nobody anything."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.socket.accept()
            except OSError:
                return
            self.calls.append(caller.recv(300))
            caller.close()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.socket.close()


def drawn(address: str) -> str:
    return (
        f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/{address}/a.geojson</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def mosaic(address: str) -> str:
    return (
        "<VRTDataset rasterXSize='10' rasterYSize='10'><SRS>EPSG:4326</SRS>"
        "<GeoTransform>121,0.1,0,32,0,-0.1</GeoTransform><VRTRasterBand dataType='Float32' band='1'><SimpleSource>"
        f"<SourceFilename relativeToVRT='0'>/vsicurl/{address}/a.tif</SourceFilename><SourceBand>1</SourceBand>"
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )


def tiles(address: str) -> str:
    return (
        f"<GDAL_WMS><Service name='TMS'><ServerUrl>{address}/${{z}}/${{x}}/${{y}}.png</ServerUrl></Service><DataWindow>"
        "<UpperLeftX>-180</UpperLeftX><UpperLeftY>90</UpperLeftY><LowerRightX>180</LowerRightX>"
        "<LowerRightY>-90</LowerRightY><TileLevel>5</TileLevel><TileCountX>2</TileCountX><TileCountY>1</TileCountY>"
        "<YOrigin>top</YOrigin></DataWindow><Projection>EPSG:4326</Projection><BlockSizeX>256</BlockSizeX>"
        "<BlockSizeY>256</BlockSizeY><BandsCount>1</BandsCount></GDAL_WMS>"
    )


@pytest.mark.parametrize("member", ["x.vrt", "deep/x.VRT", "x.xml", "x.csv"])
@pytest.mark.parametrize("suffix", [".zip", ".kmz", ".dat"])
def test_a_packed_file_that_points_to_a_network_is_not_followed(
    tmp_path: Path, server: Server, member: str, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(member, drawn(server.address))
    layer, faults = read_layer(path, Input(path=path.name), table="units")
    assert (layer, [one.check for one in faults]) == (None, ["unreadable-file"])
    assert "points to other data" in faults[0].line()
    assert server.calls == []


def test_a_packed_layer_that_holds_its_own_data_is_read(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"编码": ["N1"]}, geometry=gpd.points_from_xy([1], [1]), crs=4549)
    points.to_file(tmp_path / "a.geojson")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.write(tmp_path / "a.geojson", "a.geojson")
    layer, _ = read_layer(tmp_path / "a.zip", Input(path="a.zip"), table="units")
    assert layer is not None
    assert layer.cells["编码"].tolist() == ["N1"]


@pytest.mark.parametrize("name", ["e.vrt", "e.tif", "e.xml"])
@pytest.mark.parametrize("content", [mosaic, tiles])
def test_heights_that_lie_on_a_network_are_not_fetched(
    tmp_path: Path, server: Server, name: str, content: Callable[[str], str]
) -> None:
    pytest.importorskip("rasterio")
    (tmp_path / name).write_text(content(server.address))
    streets = gpd.GeoDataFrame(geometry=[LineString([(121.4, 31.2), (121.5, 31.3)])], crs=4326)
    with pytest.raises(StudyError) as refused:
        with_heights(streets, tmp_path / name)
    assert [one.check for one in refused.value.faults] == ["unreadable-file"]
    assert server.calls == []


def test_heights_of_a_raster_of_its_own_are_read(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    made = {"driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "float32", "crs": "EPSG:4549"}
    made |= {"transform": rasterio.Affine(10, 0, 0, 0, -10, 40)}
    with rasterio.open(tmp_path / "e.tif", "w", **made) as raster:
        raster.write(np.full((1, 4, 4), 7, dtype="float32"))
    streets = gpd.GeoDataFrame(geometry=[LineString([(10, 10), (20, 20)])], crs=4549)
    assert {z for _, _, z in with_heights(streets, tmp_path / "e.tif").geometry.iloc[0].coords} == {7.0}


def test_while_files_are_read_no_address_of_a_network_can_be_opened(server: Server) -> None:
    import pyogrio

    address = f"/vsicurl/{server.address}/a.geojson"
    with _off_network(), pytest.raises(pyogrio.errors.DataSourceError):
        pyogrio.read_info(address)
    assert server.calls == []
    assert pyogrio.get_gdal_config_option("CPL_VSIL_CURL_ALLOWED_EXTENSIONS") is None


def test_a_schema_that_a_file_names_is_not_fetched(tmp_path: Path, server: Server) -> None:
    (tmp_path / "a.gml").write_text(
        "<?xml version='1.0'?><wfs:FeatureCollection xmlns:wfs='http://www.opengis.net/wfs' "
        "xmlns:gml='http://www.opengis.net/gml' xmlns:t='http://t' "
        "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
        f"xsi:schemaLocation='http://t {server.address}/wfs?SERVICE=WFS&amp;VERSION=1.1.0&amp;"
        "REQUEST=DescribeFeatureType&amp;TYPENAME=t:a'><gml:featureMember><t:a gml:id='a.1'><t:code>N1</t:code>"
        "<t:geom><gml:Point><gml:pos>1 1</gml:pos></gml:Point></t:geom></t:a></gml:featureMember>"
        "</wfs:FeatureCollection>"
    )
    layer, _ = read_layer(tmp_path / "a.gml", Input(path="a.gml"), table="facilities")
    assert layer is not None
    assert server.calls == []


# addresses


ADDRESS = "https://keeper:secret@x.cn/a/b.geojson?token=12345#12345"


@pytest.mark.parametrize("before", ["", "/vsicurl/", " "])
@pytest.mark.parametrize(("allow_network", "check"), [(False, "on-network"), (True, "password-in-web-address")])
def test_what_is_secret_in_an_address_is_never_said(before: str, allow_network: bool, check: str) -> None:
    address = before + ADDRESS
    layer, faults = read_layer(Path(address), Input(path=address), table="units", allow_network=allow_network)
    assert (layer, [one.check for one in faults]) == (None, [check])
    said = "".join(one.line() + one.line("zh") + repr(one) for one in faults)
    assert "x.cn/a/b.geojson" in said
    assert not [secret for secret in SECRETS if secret in said]


def test_what_a_server_refuses_is_told_without_the_token(server: Server) -> None:
    address = f"{server.address}/a.geojson?token=12345"
    _, faults = read_layer(Path(address), Input(path=address), table="units", allow_network=True)
    assert [one.check for one in faults] == ["unreadable-file"]
    assert not [secret for secret in SECRETS if secret in repr(faults)]
    assert server.calls


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://x.cn/a@b/c.csv", "https://x.cn/a@b/c.csv"),
        ("https://token@x.cn", "https://x.cn"),
        ("/vsicurl/https://u:p@x.cn/a?k=1", "/vsicurl/https://x.cn/a"),
        ("//host/a.gpkg", "//host/a.gpkg"),
    ],
)
def test_an_address_is_shown_by_its_scheme_host_and_path(address: str, shown: str) -> None:
    assert shown_url(address) == shown
