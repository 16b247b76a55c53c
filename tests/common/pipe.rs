//! A way to a server that a test can cut and mend, as if the server had gone away.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A port of this machine behind which a server is, while the pipe is whole.
pub(crate) struct Pipe {
    /// The port.
    pub(crate) port: u16,
    whole: watch::Sender<bool>,
}

impl Pipe {
    /// A whole pipe to a server at `HOST:PORT`.
    pub(crate) async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port can be bound");
        let port = listener.local_addr().expect("it has an address").port();
        let (whole, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *state.borrow() {
                    tokio::spawn(carry(client, server.clone(), state.clone()));
                }
            }
        });
        Self { port, whole }
    }

    /// Ends every connection, and each new one at once.
    pub(crate) fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets connections through again.
    pub(crate) fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn carry(mut client: TcpStream, server: String, mut whole: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
