#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| linkedin_tui::fuzzing::pasted_callback(input));
