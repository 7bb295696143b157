import TandemModel

extension TandemError {
    static func unknownCluster(_ name: ClusterName) -> TandemError {
        TandemError(
            .unknownName,
            "there is no cluster '\(name)'",
            remedy: "`tandem cluster list` shows the clusters."
        )
    }

    static func unknownServer(_ name: ServerName) -> TandemError {
        TandemError(
            .unknownName,
            "there is no server '\(name)'",
            remedy: "`tandem server list` shows the servers."
        )
    }

    static func unknownImage(_ digest: Digest) -> TandemError {
        TandemError(
            .imageUnknown,
            "this controller holds no image \(digest.short)",
            remedy: "`tandem image list` shows the images; `tandem image add FILE` adds one."
        )
    }
}
