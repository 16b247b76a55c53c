//! Compiles the contracts with protox, so that nobody installs protoc.

use std::{env, error::Error, fs, path::PathBuf};

const FILES: [&str; 16] = [
    "voltaire/options/v1/options.proto",
    "voltaire/auth/v1/auth_service.proto",
    "voltaire/telemetry/v1/types.proto",
    "voltaire/telemetry/v1/home_service.proto",
    "voltaire/telemetry/v1/device_service.proto",
    "voltaire/telemetry/v1/ingest_service.proto",
    "voltaire/telemetry/v1/query_service.proto",
    "voltaire/telemetry/v1/analysis_service.proto",
    "voltaire/telemetry/v1/correction_service.proto",
    "voltaire/telemetry/v1/alert_service.proto",
    "voltaire/telemetry/v1/erasure_service.proto",
    "voltaire/chat/v1/plan.proto",
    "voltaire/chat/v1/chat_service.proto",
    "voltaire/chat/v1/erasure_service.proto",
    "voltaire/demo/v1/demo_service.proto",
    "google/api/annotations.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=voltaire");
    println!("cargo:rerun-if-changed=google");
    let mut compiler = protox::Compiler::new(["."])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(FILES)?;
    // Straight from protox: prost would drop the custom options.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptor.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .build_transport(env::var_os("CARGO_FEATURE_TRANSPORT").is_some())
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
