#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::test {

/// A blocking TCP client on plain sockets, so that the server is tested against something that shares no code
/// with it. Every wait ends after `wait_ms`: a test then fails instead of hanging.
class wire_client {
public:
  static constexpr int wait_ms = 5000;

  explicit wire_client(std::uint16_t port, const char* address = "127.0.0.1", int receive_buffer = 0);
  ~wire_client();
  wire_client(wire_client&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, input_{std::move(other.input_)} {}
  wire_client& operator=(wire_client&&) = delete;

  [[nodiscard]] bool is_connected() const { return fd_ >= 0; }
  void send(std::string_view octets);
  /// Says that nothing more will be sent.
  void finish_sending();
  /// Ends the connection at once, with a reset.
  void reset();

  struct answer {
    int status = 0;                              // 0: the connection ended or nothing came in time.
    std::map<std::string, std::string> headers;  // Names in lower case; of repeated ones the last.
    std::vector<std::string> cookies;            // Every `set-cookie`.
    std::string body;
  };
  /// Reads one HTTP answer. `head_only` for answers to HEAD.
  answer read_answer(bool head_only = false);

  struct ws_frame {
    unsigned op = 0;
    bool fin = false;
    std::string payload;

    /// Of a close frame; 1005 without one.
    [[nodiscard]] int close_code() const;
  };
  /// Reads one WebSocket frame; nothing when the connection ended or nothing came in time.
  std::optional<ws_frame> read_frame();

  /// Whether the server closes without sending anything more.
  bool reads_end();
  /// Whether the connection ends, whatever still comes before (a reset counts).
  bool gets_cut();

private:
  [[nodiscard]] bool fill();
  std::optional<std::string> take(std::size_t octets);

  int fd_ = -1;
  std::string input_;
};

/// A masked client frame.
[[nodiscard]] std::string masked_frame(unsigned op, std::string_view payload, bool fin = true);

/// A close frame's payload.
[[nodiscard]] std::string close_payload(int code, std::string_view reason = {});

}  // namespace beamline::test
