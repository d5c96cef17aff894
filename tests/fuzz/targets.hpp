#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The decoders that are fuzzed. Each takes any input, returns 0, and aborts if something is not as it must be.
namespace beamline::fuzz {

int fuzz_channel_frame(const std::uint8_t* data, std::size_t size);
int fuzz_control(const std::uint8_t* data, std::size_t size);
int fuzz_envelope(const std::uint8_t* data, std::size_t size);
int fuzz_form_body(const std::uint8_t* data, std::size_t size);
int fuzz_front_matter(const std::uint8_t* data, std::size_t size);
int fuzz_handshake(const std::uint8_t* data, std::size_t size);
int fuzz_live_event(const std::uint8_t* data, std::size_t size);
int fuzz_live_join(const std::uint8_t* data, std::size_t size);
int fuzz_post_text(const std::uint8_t* data, std::size_t size);
int fuzz_relay_frame(const std::uint8_t* data, std::size_t size);
int fuzz_template(const std::uint8_t* data, std::size_t size);

struct target {
  std::string_view name;  // Of its folder under corpus/.
  int (*run)(const std::uint8_t* data, std::size_t size);
};

inline constexpr target targets[] = {
    {"channel_frame", fuzz_channel_frame}, {"control", fuzz_control},           {"envelope", fuzz_envelope},
    {"form_body", fuzz_form_body},         {"front_matter", fuzz_front_matter}, {"handshake", fuzz_handshake},
    {"live_event", fuzz_live_event},       {"live_join", fuzz_live_join},       {"post_text", fuzz_post_text},
    {"relay_frame", fuzz_relay_frame},     {"template", fuzz_template},
};

}  // namespace beamline::fuzz
