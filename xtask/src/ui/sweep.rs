//! Lets go of what is no longer on the page.
//!
//! Dioxus 0.7 keeps each node that it draws under a number until the number is used again, also when the node has been taken out of the
//! page; and a node keeps the whole tree that it was in. An app that is open for days would hold several pages that nobody sees.

use std::{fs, path::Path};

use anyhow::Context as _;

use super::files;

/// Where the interpreter makes its list of nodes.
const LIST: &str = "this.nodes=[root]";
/// The same, and every few seconds nodes that are not on the page leave the list. Drawing is never interrupted, so that what is being drawn
/// is not among them.
const SWEPT: &str = "this.nodes=[root],setInterval(()=>this.nodes.forEach((node,id)=>{if(node&&!node.isConnected)this.nodes[id]=undefined}),5000)";

/// Makes the interpreter below `assets` forget.
pub(super) fn add(assets: &Path) -> anyhow::Result<()> {
    for file in files(assets)? {
        if file.extension().is_none_or(|kind| kind != "js") {
            continue;
        }
        if let Some(swept) = swept(&fs::read_to_string(&file)?) {
            fs::write(&file, swept)?;
            return Ok(());
        }
    }
    None.context("the interpreter makes its list of nodes in another way: see whether it still keeps what it removes")
}

fn swept(script: &str) -> Option<String> {
    let (before, after) = script.split_once(LIST)?;
    Some([before, SWEPT, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_swept_where_it_is_made() {
        let script = "initialize(root){this.root=root,this.nodes=[root],this.stack=[root]}";
        let swept = swept(script).expect("it makes the list");
        assert!(swept.starts_with("initialize(root){this.root=root,this.nodes=[root],setInterval("));
        assert!(swept.ends_with(",5000),this.stack=[root]}"));
        assert_eq!(super::swept("this.nodes={}"), None);
    }
}
