from tests.listener.conftest import live_plant_folder, station

__all__ = ["live_plant_folder", "station"]
