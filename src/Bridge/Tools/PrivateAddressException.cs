namespace Bridge.Tools;

/// <summary>A name that leads into the network, where the host or the role does not allow that.</summary>
internal sealed class PrivateAddressException(string host) : IOException(
    $"{host} is an address inside the network, which is not allowed here.");
