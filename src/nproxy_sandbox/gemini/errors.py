"""Google's error envelope, and the refusals that a well-meant but wrong request meets."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

Details = tuple[dict[str, object], ...]

SERVICE = "generativelanguage.googleapis.com"
STATUS_BY_CODE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "RESOURCE_EXHAUSTED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@dataclass(frozen=True)
class Refusal:
    """An error answer: HTTP `code`, `message`, and its `details`.

    `status` follows from the code unless given. `in_list`: the envelope comes inside a one-element list.
    """

    code: int
    message: str
    details: Details = ()
    status: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    in_list: bool = False

    def envelope(self) -> dict[str, object]:
        """The body as Google words it."""
        error: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "status": self.status or STATUS_BY_CODE[self.code],
        }
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}

    def response(self) -> web.Response:
        """The envelope as an HTTP answer."""
        body = [self.envelope()] if self.in_list else self.envelope()
        return web.json_response(body, status=self.code, headers=self.headers)


class Refused(Exception):
    """The request is answered by `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def error_info(reason: str, **metadata: str) -> dict[str, object]:
    """A google.rpc.ErrorInfo detail."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": SERVICE, **metadata},
    }


def localized(message: str) -> dict[str, object]:
    """A google.rpc.LocalizedMessage detail, which Google adds to errors about keys."""
    return {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": message}


def bad_request(field_path: str, description: str) -> dict[str, object]:
    """A google.rpc.BadRequest detail."""
    return {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": field_path, "description": description}],
    }


def unknown_name(name: str, place: str) -> Refusal:
    """What a field that the schema does not have is met with."""
    at = f" at '{place}'" if place else ""
    message = f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
    return Refusal(400, message, (bad_request(place, message),))


def invalid_value(place: str, kind: str, value: object) -> Refusal:
    """What a value of the wrong kind is met with."""
    message = f"Invalid value at '{place}' ({kind}), \"{value}\""
    return Refusal(400, message, (bad_request(place, message),))


def no_such_model(name: str) -> Refusal:
    """A name that never was a model."""
    message = (
        f"models/{name} is not found for API version v1beta, or is not supported for generateContent. "
        "Call ListModels to see the list of available models and their supported methods."
    )
    return Refusal(404, message)


def retired_model(name: str) -> Refusal:
    """A model that was shut down."""
    return Refusal(
        404, f"This model models/{name} is no longer available. Please update your code to use a newer model."
    )


NO_KEY = Refusal(
    403,
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API consumer identity to call this API.",
)
KEY_TWICE = Refusal(
    400, "Multiple authentication credentials received. Please pass only one.", status="INVALID_ARGUMENT"
)
TOKEN_TYPE = Refusal(
    401,
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project.",
    (
        error_info(
            "ACCESS_TOKEN_TYPE_UNSUPPORTED", method="google.ai.generativelanguage.v1beta.GenerativeService"
        ),
    ),
)
_INVALID = "API key not valid. Please pass a valid API key."
KEY_INVALID = Refusal(400, _INVALID, (error_info("API_KEY_INVALID"), localized(_INVALID)))
DEADLINE = Refusal(504, "Deadline expired before operation could complete.")
TOO_LARGE = Refusal(400, "Request payload size exceeds the limit: 20971520 bytes.")
BAD_PICTURE = Refusal(
    400,
    "Unable to process input image. Please retry or report in "
    "https://developers.generativeai.google/guide/troubleshooting",
)
