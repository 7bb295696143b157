import COpenSSL

/// The kind of BIO through which libssl reads and writes an engine's two queues.
///
/// Unlike a pair of memory BIOs it keeps nothing allocated while a connection is idle.
/// Made once and never changed, hence safe to share.
nonisolated(unsafe) let engineBIOMethod: OpaquePointer? = {
    let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
    guard let method = BIO_meth_new(kind, "tandem engine") else { return nil }
    BIO_meth_set_write_ex(method) { bio, bytes, count, written in
        guard let engine = engine(of: bio), let bytes, let written else { return 0 }
        shim_BIO_clear_retry(bio)
        engine.send(UnsafeRawBufferPointer(start: bytes, count: count))
        written.pointee = count
        return 1
    }
    BIO_meth_set_read_ex(method) { bio, space, count, read in
        guard let engine = engine(of: bio), let space, let read else { return 0 }
        shim_BIO_clear_retry(bio)
        read.pointee = engine.receive(UnsafeMutableRawBufferPointer(start: space, count: count))
        if read.pointee > 0 { return 1 }
        shim_BIO_set_retry_read(bio)
        return 0
    }
    BIO_meth_set_ctrl(method) { _, command, _, _ in
        command == BIO_CTRL_FLUSH ? 1 : 0
    }
    return method
}()

private func engine(of bio: OpaquePointer?) -> TLSEngine? {
    guard let owner = BIO_get_data(bio) else { return nil }
    return Unmanaged<TLSEngine>.fromOpaque(owner).takeUnretainedValue()
}
