#pragma once

#include "testing/live/page_core.hpp"

namespace beamline::testing {

/// The browser's end of the WebSocket: keeps what the server sends until the page takes it in.
struct page_core::recording_socket final : web::socket {
  void send(web::frame f) override { inbox.push_back(f.head + (f.body ? *f.body : std::string{}) + f.tail); }
  void close(std::uint16_t code, std::string_view) override {
    if (closed_with == 0)
      closed_with = code;
  }
  [[nodiscard]] std::size_t pending_bytes() const override { return 0; }
  [[nodiscard]] bool writable() const override { return true; }
  void pause_reading() override { is_paused = true; }
  void resume_reading() override { is_paused = false; }
  [[nodiscard]] bool is_open() const override { return closed_with == 0; }

  std::deque<std::string> inbox;
  std::uint16_t closed_with = 0;
  bool is_paused = false;
};

}  // namespace beamline::testing
