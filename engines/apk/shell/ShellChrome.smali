# Assembled from this text; the readable original is ShellActivity.java.
.class final Lapp/shell/ShellChrome;
.super Landroid/webkit/WebChromeClient;
.field final activity:Lapp/shell/ShellActivity;

.method constructor <init>(Lapp/shell/ShellActivity;)V
    .registers 2
    invoke-direct {p0}, Landroid/webkit/WebChromeClient;-><init>()V
    iput-object p1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    return-void
.end method

.method public onPermissionRequest(Landroid/webkit/PermissionRequest;)V
    .registers 5
    invoke-virtual {p1}, Landroid/webkit/PermissionRequest;->getResources()[Ljava/lang/String;
    move-result-object v0
    iget-object v1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    invoke-virtual {p1}, Landroid/webkit/PermissionRequest;->getOrigin()Landroid/net/Uri;
    move-result-object v2
    invoke-virtual {v1, v2}, Lapp/shell/ShellActivity;->isOurs(Landroid/net/Uri;)Z
    move-result v1
    if-eqz v1, :cond_4a
    array-length v1, v0
    const/4 v2, 0x1
    if-ne v1, v2, :cond_4a
    const/4 v1, 0x0
    aget-object v1, v0, v1
    const-string v2, "android.webkit.resource.VIDEO_CAPTURE"
    invoke-virtual {v2, v1}, Ljava/lang/String;->equals(Ljava/lang/Object;)Z
    move-result v1
    if-nez v1, :cond_20
    goto :goto_4a
    :cond_20
    iget-object v1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    const-string v2, "android.permission.CAMERA"
    invoke-virtual {v1, v2}, Lapp/shell/ShellActivity;->checkSelfPermission(Ljava/lang/String;)I
    move-result v1
    if-nez v1, :cond_2e
    invoke-virtual {p1, v0}, Landroid/webkit/PermissionRequest;->grant([Ljava/lang/String;)V
    return-void
    :cond_2e
    iget-object v0, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    iget-object v0, v0, Lapp/shell/ShellActivity;->cameraRequest:Landroid/webkit/PermissionRequest;
    if-eqz v0, :cond_3b
    iget-object v0, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    iget-object v0, v0, Lapp/shell/ShellActivity;->cameraRequest:Landroid/webkit/PermissionRequest;
    invoke-virtual {v0}, Landroid/webkit/PermissionRequest;->deny()V
    :cond_3b
    iget-object v0, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    iput-object p1, v0, Lapp/shell/ShellActivity;->cameraRequest:Landroid/webkit/PermissionRequest;
    iget-object p1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    filled-new-array {v2}, [Ljava/lang/String;
    move-result-object v0
    const/4 v1, 0x2
    invoke-virtual {p1, v0, v1}, Lapp/shell/ShellActivity;->requestPermissions([Ljava/lang/String;I)V
    return-void
    :cond_4a
    :goto_4a
    invoke-virtual {p1}, Landroid/webkit/PermissionRequest;->deny()V
    return-void
.end method

.method public onShowFileChooser(Landroid/webkit/WebView;Landroid/webkit/ValueCallback;Landroid/webkit/WebChromeClient$FileChooserParams;)Z
    .registers 5
    iget-object p1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    iget-object p1, p1, Lapp/shell/ShellActivity;->chosenFiles:Landroid/webkit/ValueCallback;
    const/4 v0, 0x0
    if-eqz p1, :cond_e
    iget-object p1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    iget-object p1, p1, Lapp/shell/ShellActivity;->chosenFiles:Landroid/webkit/ValueCallback;
    invoke-interface {p1, v0}, Landroid/webkit/ValueCallback;->onReceiveValue(Ljava/lang/Object;)V
    :cond_e
    iget-object p1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    iput-object p2, p1, Lapp/shell/ShellActivity;->chosenFiles:Landroid/webkit/ValueCallback;
    :try_start_12
    iget-object p1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    invoke-virtual {p3}, Landroid/webkit/WebChromeClient$FileChooserParams;->createIntent()Landroid/content/Intent;
    move-result-object p2
    const/4 p3, 0x1
    invoke-virtual {p1, p2, p3}, Lapp/shell/ShellActivity;->startActivityForResult(Landroid/content/Intent;I)V
    :try_end_1c
    .catch Ljava/lang/RuntimeException; {:try_start_12 .. :try_end_1c} :catch_1d
    return p3
    :catch_1d
    iget-object p1, p0, Lapp/shell/ShellChrome;->activity:Lapp/shell/ShellActivity;
    iput-object v0, p1, Lapp/shell/ShellActivity;->chosenFiles:Landroid/webkit/ValueCallback;
    const/4 p1, 0x0
    return p1
.end method
