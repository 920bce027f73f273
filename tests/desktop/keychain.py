"""A real gnome-keyring of a test's own."""

import subprocess

from jeepney import DBusAddress, MatchRule, MessageType, message_bus, new_method_call
from jeepney.io.blocking import Proxy, open_dbus_connection

from tests.desktop.bus import PrivateBus
from tests.desktop.part import TIMEOUT, Part

SECRETS = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
BY_PASSWORD = DBusAddress(
    SECRETS.object_path, SECRETS.bus_name, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
)
DEFAULT_COLLECTION = "/org/freedesktop/secrets/aliases/default"


class Keychain(Part):
    """A gnome-keyring with one collection, on a private bus.

    Args:
        bus: The bus it serves.
        password: The collection's password.
        locked: Begin with the collection locked. Nobody is there to answer a prompt.
    """

    def __init__(self, bus: PrivateBus, password: str = "pw", *, locked: bool = False) -> None:
        super().__init__()
        self._bus = bus
        self._password = password
        self._locked = locked

    def _start(self) -> None:
        folder = self._folder()
        with open_dbus_connection(self._bus.address) as connection:
            appears = MatchRule(
                type="signal",
                sender=message_bus.bus_name,
                interface=message_bus.interface,
                member="NameOwnerChanged",
                path=message_bus.object_path,
            )
            appears.add_arg_condition(0, SECRETS.bus_name)
            Proxy(message_bus, connection).AddMatch(appears)
            with connection.filter(appears) as news:
                self._run(
                    "gnome-keyring-daemon",
                    "--foreground",
                    "--unlock",
                    "--components=secrets",
                    f"--control-directory={folder}",
                    environment=self._bus.environment | {"XDG_DATA_HOME": str(folder)},
                    stdin=self._password.encode(),
                    stdout=subprocess.DEVNULL,
                )
                connection.recv_until_filtered(news, timeout=TIMEOUT)
        self.environment = self._bus.environment
        if self._locked:
            self.lock()

    def lock(self) -> None:
        """Lock the collection, as the person or a screen saver does."""
        with open_dbus_connection(self._bus.address) as connection:
            call = new_method_call(SECRETS, "Lock", "ao", ([DEFAULT_COLLECTION],))
            reply = connection.send_and_get_reply(call, timeout=TIMEOUT)
            assert reply.header.message_type is MessageType.method_return, reply.body

    def unlock(self) -> None:
        """Unlock the collection, as the person does with its password."""
        with open_dbus_connection(self._bus.address) as connection:

            def call(target: DBusAddress, member: str, signature: str, *body: object) -> tuple[object, ...]:
                message = new_method_call(target, member, signature, body)
                reply = connection.send_and_get_reply(message, timeout=TIMEOUT)
                assert reply.header.message_type is MessageType.method_return, reply.body
                return tuple(reply.body)

            _, session = call(SECRETS, "OpenSession", "sv", "plain", ("s", ""))
            (collection,) = call(SECRETS, "ReadAlias", "s", "default")
            password = (session, b"", self._password.encode(), "text/plain")
            call(BY_PASSWORD, "UnlockWithMasterPassword", "o(oayays)", collection, password)
