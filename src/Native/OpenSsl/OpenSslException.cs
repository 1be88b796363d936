namespace Bridge.Native.OpenSsl;

/// <summary>OpenSSL refused a set-up step. Failures of a connection are values, never this.</summary>
internal sealed class OpenSslException(string message) : Exception(message);
