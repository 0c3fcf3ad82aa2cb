"""HTTP as uvicorn reads it, with the API's form of error for what is no HTTP."""

from __future__ import annotations

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from jmere.serve.api_errors import error_response
from jmere.serve.security import HEADERS


class JsonErrorProtocol(H11Protocol):
    """Connection that answers malformed requests in JSON; uvicorn's own answer is plain text."""

    def send_400_response(self, msg: str) -> None:
        """Answer a request that cannot be parsed, and close the connection."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            response = error_response(
                400,
                "bad_request",
                "the request is not valid HTTP, or its headers are too large",
                headers={**HEADERS, "Connection": "close"},
            )
            head = h11.Response(
                status_code=400, headers=response.raw_headers, reason=b"Bad Request"
            )
            events = (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage())
            self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()
