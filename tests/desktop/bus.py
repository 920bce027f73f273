"""A session bus of a test's own."""

import subprocess

from makini_desktop.tour.surroundings import BUS_CONFIGURATION
from tests.desktop.part import Part


class PrivateBus(Part):
    """A session bus of its own that starts no service by itself.

    Attributes:
        address: What `DBUS_SESSION_BUS_ADDRESS` must say.
        folder: The runtime folder (`XDG_RUNTIME_DIR`) beside it, mode 700.
    """

    def _start(self) -> None:
        self.folder = self._folder()
        configuration = self.folder / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(socket=self.folder / "bus"))
        process = self._run(
            "dbus-daemon",
            "--nofork",
            "--nopidfile",
            "--print-address",
            f"--config-file={configuration}",
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        self.address = process.stdout.readline().decode().strip()
        assert self.address, "dbus-daemon did not start"
        self.environment = {
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            "XDG_RUNTIME_DIR": str(self.folder),
        }
