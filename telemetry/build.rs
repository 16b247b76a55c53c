//! Builds anew when a migration changes, as those are compiled in.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
