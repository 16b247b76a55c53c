//! The web app: pages over gRPC-Web. Everything is asked of the server through `api`; every figure that is printed or drawn
//! goes through `voltaire-chart`; every sentence stands in `text`.

mod act;
mod address;
mod api;
mod app;
mod browser;
mod chart;
mod chat;
mod dock;
mod icon;
mod later;
mod live;
mod load;
mod pages;
mod parts;
mod shell;
mod state;
mod text;
mod zone;

fn main() {
    dioxus::launch(app::App);
}
