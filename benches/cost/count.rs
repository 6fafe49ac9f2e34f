//! Counts with valgrind.

use std::{env, process::Command};

/// The instructions and the allocations of one request to a server of a table. A process
/// that serves twenty is compared to one that serves ten.
pub(crate) fn count(table: &str, row: usize, server: usize) -> [f64; 2] {
    let [ten, twenty] = [10, 20].map(|requests| {
        let mut valgrind = Command::new("valgrind");
        // glibc keeps each block that is freed for the next request. Otherwise the cost of
        // an allocation depends on what is beside it.
        valgrind.env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=1000");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/stdout"]);
        valgrind.arg("--compress-strings=no");
        valgrind.arg(env::current_exe().expect("a path")).arg(table);
        valgrind.args([row, server, requests].map(|number| number.to_string()));
        let profile = valgrind.output().expect("valgrind is installed").stdout;
        let profile = String::from_utf8(profile).expect("text");
        let sum = |label: &str| -> f64 {
            let counts = profile.split(label).skip(1);
            let counts = counts.filter_map(|rest| rest.split_whitespace().next());
            counts.map(|count| count.parse::<f64>().unwrap()).sum()
        };
        let calls = ["malloc", "calloc", "realloc"].map(|name| sum(&format!("cfn={name}\ncalls=")));
        [sum("summary: "), calls.iter().sum()]
    });
    [0, 1].map(|figure| (twenty[figure] - ten[figure]) / 10.0)
}
