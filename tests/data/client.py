"""Calls AuthService.GetMe with nothing but grpcio: the answer's bytes hold the user's e-mail."""

import sys

import grpc

address, token = sys.argv[1:]
with grpc.insecure_channel(address) as channel:
    get_me = channel.unary_unary(
        "/voltaire.auth.v1.AuthService/GetMe",
        request_serializer=lambda message: message,
        response_deserializer=lambda message: message,
    )
    print(get_me(b"", metadata=[("authorization", f"Bearer {token}")], timeout=10))
    try:
        get_me(b"", timeout=10)
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED, error
    else:
        raise SystemExit("a call without a token was answered")
