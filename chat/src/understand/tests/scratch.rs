use super::*;
#[test]
fn scratch() {
    let home = vienna();
    for line in std::fs::read_to_string("/tmp/scratch.txt").unwrap().lines() {
        println!("{line} => {}", short(&home, &ask(&home, line)));
    }
}
