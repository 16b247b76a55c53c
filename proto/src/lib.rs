//! The contracts of the mesh, generated from `proto/voltaire/`: messages, clients, servers and the descriptor set.
//! Nothing else: what the values mean and how they are checked lives in the services.

/// Users, tokens and keys.
pub mod auth {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("voltaire.auth.v1");
    }
}

/// Homes, devices, readings and figures.
pub mod telemetry {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("voltaire.telemetry.v1");
    }
}

/// Questions and answers.
pub mod chat {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("voltaire.chat.v1");
    }
}

/// The demo home.
pub mod demo {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("voltaire.demo.v1");
    }
}

/// Every contract with its comments and options, as a serialized `FileDescriptorSet`: for reflection, JSON and access rules.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));
