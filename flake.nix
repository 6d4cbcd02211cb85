{
  description = "Get LinkedIn API access tokens and keep them valid, from the terminal";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      manifest = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).package;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forAllSystems = build: nixpkgs.lib.genAttrs systems (system: build nixpkgs.legacyPackages.${system});
    in
    {
      packages = forAllSystems (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = manifest.name;
          inherit (manifest) version;

          # What a build reads; another change builds nothing anew.
          src = pkgs.lib.fileset.toSource {
            root = ./.;
            fileset = pkgs.lib.fileset.unions [
              ./Cargo.toml
              ./Cargo.lock
              ./README.md
              ./src
              ./assets
              ./docs
              ./config.example.toml
            ];
          };
          cargoLock.lockFile = ./Cargo.lock;

          # The tests need a terminal, loopback ports and files of other users: CI runs them.
          doCheck = false;

          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = pkgs.lib.optionalString (pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform) ''
            $out/bin/linkedin-tui man > linkedin-tui.1
            installManPage linkedin-tui.1
            installShellCompletion --cmd linkedin-tui \
              --bash <($out/bin/linkedin-tui completions bash) \
              --zsh <($out/bin/linkedin-tui completions zsh) \
              --fish <($out/bin/linkedin-tui completions fish)
          '';

          meta = {
            inherit (manifest) description;
            homepage = manifest.repository;
            changelog = "${manifest.repository}/blob/v${manifest.version}/CHANGELOG.md";
            license = with pkgs.lib.licenses; [
              mit
              asl20
            ];
            mainProgram = "linkedin-tui";
          };
        };
      });

      devShells = forAllSystems (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ self.packages.${pkgs.stdenv.hostPlatform.system}.default ];
          packages = [
            pkgs.clippy
            pkgs.rustfmt
          ];
        };
      });
    };
}
