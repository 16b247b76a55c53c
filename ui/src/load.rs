//! Loading something for a page: what was there stays on screen while the next is asked for, and when asking fails.

use std::{future::Future, marker::PhantomData, rc::Rc};

use dioxus::prelude::*;
use futures::future::LocalBoxFuture;
use voltaire_chart::balance::Flow;
use voltaire_proto::telemetry::v1::{self as pb, Device, DeviceType};

use crate::{
    api::{self, Answer, Failure},
    state::use_app,
};

/// Something that was loaded. Of which type it is, is known by the `Load` alone: the machinery of loading is compiled once for all.
type Any = Rc<dyn std::any::Any>;
/// Asks for it.
type Ask = Box<dyn FnMut() -> LocalBoxFuture<'static, Answer<Any>>>;

/// Something that is loaded.
pub(crate) struct Load<T> {
    inner: Inner,
    kind: PhantomData<fn() -> T>,
}

#[derive(Clone, Copy, PartialEq)]
struct Inner {
    data: Signal<Option<Any>>,
    failure: Signal<Option<Failure>>,
    busy: Signal<bool>,
    again: Signal<u32>,
}

impl<T> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Load<T> {}

impl<T> PartialEq for Load<T> {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl<T: Clone + 'static> Load<T> {
    /// The newest that was loaded.
    pub(crate) fn data(self) -> Option<T> {
        self.inner.data.read().as_ref()?.downcast_ref::<T>().cloned()
    }
}

impl<T> Load<T> {
    /// Why the last attempt failed.
    pub(crate) fn failure(self) -> Option<Failure> {
        self.inner.failure.read().clone()
    }

    /// Whether it is being loaded.
    pub(crate) fn busy(self) -> bool {
        (self.inner.busy)()
    }

    /// Asks once more.
    pub(crate) fn reload(mut self) {
        self.inner.again += 1;
    }

    /// The stable name of its state that tests look for.
    pub(crate) fn state(self) -> &'static str {
        let Inner { data, failure, .. } = self.inner;
        match (data.read().is_some(), failure.read().is_some(), self.busy()) {
            (_, _, true) => "loading",
            (_, true, false) => "error",
            (true, false, false) => "ready",
            (false, false, false) => "empty",
        }
    }
}

/// Loads with `ask`, again whenever a signal that `ask` reads before its first await changes.
pub(crate) fn use_load<T, F>(mut ask: impl FnMut() -> F + 'static) -> Load<T>
where
    T: Clone + 'static,
    F: Future<Output = Answer<T>> + 'static,
{
    let ask: Ask = Box::new(move || {
        let asking = ask();
        Box::pin(async move { Ok(Rc::new(asking.await?) as Any) })
    });
    Load {
        inner: use_any(ask),
        kind: PhantomData,
    }
}

fn use_any(mut ask: Ask) -> Inner {
    let app = use_app();
    let mut load = Inner {
        data: use_signal(|| None),
        failure: use_signal(|| None),
        busy: use_signal(|| true),
        again: use_signal(|| 0),
    };
    use_resource(move || {
        let _ = (load.again)();
        let asking = ask();
        async move {
            load.busy.set(true);
            match asking.await {
                Ok(data) => {
                    load.data.set(Some(data));
                    load.failure.set(None);
                }
                Err(failure) if app.has_left(&failure) => {}
                Err(failure) => load.failure.set(Some(failure)),
            }
            load.busy.set(false);
        }
    });
    load
}

/// The devices of the home and the kinds there are; loaded once for all pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Catalog {
    pub(crate) devices: Vec<Device>,
    pub(crate) types: Vec<DeviceType>,
}

impl Catalog {
    /// A device by its id.
    pub(crate) fn device(&self, id: &str) -> Option<&Device> {
        self.devices.iter().find(|device| device.device_id == id)
    }

    /// The kind of a device.
    pub(crate) fn kind(&self, device: &Device) -> Option<&DeviceType> {
        self.types
            .iter()
            .find(|kind| kind.device_type_id == device.device_type_id)
    }

    /// The icon of a device.
    pub(crate) fn icon(&self, device: &Device) -> String {
        self.kind(device)
            .map_or_else(|| "plug".to_owned(), |kind| kind.icon.clone())
    }

    /// Which way a device's energy goes.
    pub(crate) fn flow(device: &Device) -> Flow {
        match device.flow() {
            pb::Flow::Grid => Flow::Grid,
            pb::Flow::Production => Flow::Production,
            pb::Flow::Storage => Flow::Storage,
            pb::Flow::Consumption | pb::Flow::Unspecified => Flow::Consumption,
        }
    }

    /// Whether another consumer meters the device as well.
    pub(crate) fn nested(&self, device: &Device) -> bool {
        let mut parent = self.device(&device.parent_device_id);
        // The server refuses cycles; the bound is for a list that is read while it changes.
        for _ in 0..32 {
            match parent {
                None => return false,
                Some(above) if Self::flow(above) == Flow::Consumption => return true,
                Some(above) => parent = self.device(&above.parent_device_id),
            }
        }
        false
    }

    /// The devices whose use adds up: consumers that no other consumer meters.
    pub(crate) fn consumers(&self) -> Vec<Device> {
        let counts = |device: &&Device| Self::flow(device) == Flow::Consumption && !self.nested(device);
        self.devices.iter().filter(counts).cloned().collect()
    }
}

/// Loads the devices for all pages below.
pub(crate) fn provide_catalog() {
    let app = use_app();
    let load = use_load(move || {
        let home = app.home_id();
        async move {
            let (devices, types) = futures::join!(api::devices(&home), api::device_types());
            Ok(Catalog {
                devices: devices?,
                types: types?,
            })
        }
    });
    use_context_provider(|| load);
}

/// The devices of the home.
pub(crate) fn use_catalog() -> Load<Catalog> {
    use_context()
}
