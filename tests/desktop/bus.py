"""A session bus of a test's own."""

import subprocess

from tests.desktop.part import Part

BUS_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


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
