# Builds from this repository alone: the page with Node, the host with the .NET SDK, and runs on the ASP.NET runtime.
FROM node:24-bookworm-slim AS client
COPY LICENSE /src/
WORKDIR /src/src/Client
COPY src/Client/package.json src/Client/package-lock.json src/Client/.npmrc* ./
RUN npm ci --no-audit --no-fund
COPY src/Client ./
RUN npm run build

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS host
WORKDIR /src
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props .editorconfig LICENSE ./
COPY src ./src
RUN dotnet publish src/Bridge -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update && apt-get install -y --no-install-recommends curl espeak-ng libopus0 && rm -rf /var/lib/apt/lists/*
WORKDIR /bridge
COPY --from=host /app ./app
COPY wwwroot ./wwwroot
COPY --from=client /src/wwwroot ./wwwroot
COPY roles ./roles
RUN mkdir data && chown $APP_UID data
USER $APP_UID
EXPOSE 5080 5081/udp 5081/tcp
VOLUME /bridge/data
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD curl -fsS "http://localhost:${Bridge__Port:-5080}/healthz/live" || exit 1
ENTRYPOINT ["dotnet", "app/Bridge.dll"]
# Ends with exit code 2 until it is said who may call: --access MODE, or Bridge__Access__Mode (docs/access.md).
CMD ["--host", "*"]
