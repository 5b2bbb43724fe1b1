using System.Buffers;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>
/// Takes what the zip writer writes synchronously and hands it on asynchronously: .NET's zip entries end with a synchronous write even
/// when disposed asynchronously, which a web response refuses. Cannot seek, so the writer does not go back to patch its headers.
/// </summary>
internal sealed class ZipOutput : Stream
{
    private readonly ArrayBufferWriter<byte> _bytes = new(128 << 10);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Hands on what was written since the last time.</summary>
    public async ValueTask Drain(Stream target, CancellationToken cancellationToken)
    {
        await target.WriteAsync(_bytes.WrittenMemory, cancellationToken);
        _bytes.ResetWrittenCount();
    }

    public override void Write(byte[] buffer, int offset, int count) => _bytes.Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => _bytes.Write(buffer);

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
