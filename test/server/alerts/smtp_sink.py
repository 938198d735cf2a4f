"""A real SMTP server (Debian's python3-aiosmtpd) that keeps what it takes.

Says its port on standard output, then one JSON line per message. Commands come on standard input: `refuse CODE`
answers the next messages with that code, `take` takes them again, `sync` is only answered: what was taken before it
has been said by then.
"""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

sys.stdout.reconfigure(line_buffering=True)
refusal = None


class Sink:
    async def handle_DATA(self, server, session, envelope):
        if refusal:
            return refusal
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "user": session.auth_data.decode() if session.auth_data else None,
            "content": envelope.content.decode("utf-8", "replace"),
        }))
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"nachweis" and data.password == b"right horse"
    return AuthResult(success=good, auth_data=data.login if good else None)


async def commands():
    global refusal
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().strip():
        verb, _, rest = line.partition(" ")
        if verb == "refuse":
            refusal = f"{rest} not now"
        if verb == "take":
            refusal = None
        print(json.dumps({"did": line}))


async def main(certificate, key):
    tls = {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        tls = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": authenticate}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="localhost", enable_SMTPUTF8=True, **tls), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1])
    # Ends with its parent, when standard input closes.
    await commands()


asyncio.run(main(*(sys.argv[1:] or [None, None])))
