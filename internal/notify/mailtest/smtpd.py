# A mail server on the loopback for the tests, made with aiosmtpd. It keeps
# every message as a file and says on which port it listens.
#   smtpd.py FOLDER CERT KEY starttls|tls|none [USER PASSWORD]
import asyncio, itertools, os, ssl, sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, cert, key, security = sys.argv[1:5]
login = tuple(s.encode() for s in sys.argv[5:7])
number = itertools.count()


class Keep:
    async def handle_DATA(self, server, session, envelope):
        name = os.path.join(folder, "%03d.eml" % next(number))
        with open(name + ".tmp", "wb") as f:
            head = "X-Tls: %s\r\nX-User: %s\r\nX-To: %s\r\n" % (
                "yes" if session.ssl or security == "tls" else "no", session.auth_data.login.decode() if session.auth_data else "", ",".join(envelope.rcpt_tos))
            f.write(head.encode() + envelope.content)
        os.rename(name + ".tmp", name)
        return "250 kept"


def check(server, session, envelope, mechanism, data):
    if (data.login, data.password) == login:
        return AuthResult(success=True, auth_data=data)
    return AuthResult(success=False, handled=False)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def factory():
        return SMTP(Keep(), hostname="localhost", tls_context=context if security == "starttls" else None,
                    require_starttls=security == "starttls", auth_required=bool(login), authenticator=check,
                    auth_require_tls=security == "starttls")

    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
